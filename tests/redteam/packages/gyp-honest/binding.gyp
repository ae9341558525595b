{ "targets": [ { "target_name": "hello", "sources": [ "<!(node -p \"'hello.c'\")" ] } ] }
