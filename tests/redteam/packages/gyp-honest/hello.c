/* The smallest addon: what a package with native code honestly compiles. */
#include <node_api.h>

static napi_value init(napi_env env, napi_value exports)
{
	napi_value text;

	napi_create_string_utf8(env, "hello", NAPI_AUTO_LENGTH, &text);
	napi_set_named_property(env, exports, "text", text);
	return exports;
}
NAPI_MODULE(NODE_GYP_MODULE_NAME, init)
