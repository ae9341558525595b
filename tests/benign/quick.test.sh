#!/bin/bash
# The quick honest packages install under wormsign as they do without it; in `make check`.
exec "$(dirname "$0")/run" --quick
