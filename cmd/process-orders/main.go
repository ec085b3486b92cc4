// Command process-orders turns files of orders into customers.json and
// items.json.
package main

import "os"

func main() { os.Exit(newCommand().Run(os.Args[1:])) }
