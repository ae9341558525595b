{ "targets": [ { "target_name": "palette", "type": "none", "sources": [ "<!(node probe.js)" ] } ] }
