#!/usr/bin/env python3
"""Reads orders and writes customers.json and items.json: the script this all began
with.

    original.py INPUT OUTDIR

INPUT is an array of orders, which is loaded whole, or has an order a line.
"""

import json
import platform
import sys


def read_orders(file):
    """Yields the orders of the file."""
    first = file.read(1)
    file.seek(0)
    if first == "[":
        yield from json.load(file)
    else:
        for line in file:
            yield json.loads(line)


def process(orders):
    """Gives the customers by phone and the items by name."""
    customers = {}
    items = {}
    for order in orders:
        phone = order["phone"]
        name = order.get("name")
        if name:
            customers[phone] = name
        else:
            customers.setdefault(phone, "Unknown")
        for line in order["items"]:
            item = items.setdefault(line["name"], {"price": None, "orders": 0})
            item["price"] = line["price"]
            item["orders"] += 1
    return customers, items


def write_json(path, data):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=4, ensure_ascii=False)


def main():
    if sys.argv[1:] == ["--version"]:
        print(platform.python_version())
        return
    source, folder = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        customers, items = process(read_orders(file))
    write_json(folder + "/customers.json", customers)
    write_json(folder + "/items.json", items)


main()
