// SPDX-License-Identifier: GPL-2.0-only
// One node of OpenSearch, from its jars alone: HOME PORT NAME=VALUE...
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

public class OpenSearchNode extends Node {
	OpenSearchNode(Environment environment) {
		super(environment, List.of(Netty4Plugin.class, CommonAnalysisPlugin.class), true);
	}

	public static void main(String[] args) throws Exception {
		Path home = Path.of(args[0]);
		Settings.Builder settings = Settings.builder()
			.put("path.home", home)
			.put("path.data", home.resolve("data"))
			.put("path.logs", home.resolve("logs"))
			.put("cluster.name", "test")
			.put("network.host", "127.0.0.1")
			.put("discovery.type", "single-node")
			.put("transport.type", "netty4")
			.put("http.type", "netty4")
			.put("cluster.routing.allocation.disk.threshold_enabled", false)
			.put("http.port", args[1])
			.put("transport.port", Integer.parseInt(args[1]) + 1);
		for (int i = 2; i < args.length; i++)
			settings.put(args[i].split("=", 2)[0], args[i].split("=", 2)[1]);
		Node node = new OpenSearchNode(InternalSettingsPreparer.prepareEnvironment(
			settings.build(), Map.of(), home.resolve("config"), () -> "node"));
		node.start();
		Thread.currentThread().join();
	}
}
