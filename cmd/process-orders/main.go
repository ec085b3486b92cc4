// Command process-orders turns files of orders into customers.json and
// items.json.
package main

import "os"

func main() {
	passCrashes(os.Getenv("GOTRACEBACK") != "")
	os.Exit(newCommand().Run(os.Args[1:]))
}
