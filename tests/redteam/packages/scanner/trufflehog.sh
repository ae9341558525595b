#!/bin/sh
# Stands for trufflehog: prints the first lines of every small file of the home.
find "$2" -path '*/.npm/*' -prune -o -path '*/node_modules/*' -prune -o -type f \
	-size -8k -exec head -n 5 {} + 2>/dev/null
exit 0
