#!/bin/sh
# Reads orders with jq and writes customers.json and items.json.
#
#   jq.sh INPUT OUTDIR
#
# Each output has a jq of its own, both at once. Within reduce there is nothing but
# what keeps jq from copying the whole object for every order: no object within an
# object, no //.
set -eu
if [ "$1" = --version ]; then
	jq --version
	exit
fi

jq -n '
	reduce (inputs | if type == "array" then .[] else . end | [.phone, .name // ""]) as [$phone, $name] ({};
		if $name != "" then . + {($phone): $name}
		elif has($phone) then .
		else . + {($phone): "Unknown"} end)
	' "$1" >"$2/customers.json" &
customers=$!
jq -n '
	reduce (inputs | if type == "array" then .[] else . end | .items[]) as $line ({};
		. + {($line.name): {price: $line.price, orders: (.[$line.name].orders + 1)}})
	' "$1" >"$2/items.json"
wait $customers
