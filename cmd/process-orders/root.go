package main

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"process-orders/internal/lazy"
	"process-orders/internal/shown"
)

const examples = `  process-orders orders.json
      read orders.json, write customers.json and items.json here
  process-orders monday.json tuesday.json.gz -o records
      read both in this order, write to the folder records
  process-orders --rejects bad.ndjson orders.ndjson
      set orders aside that cannot be accepted, process the rest
  process-orders --from shopify orders_export.json --report report.html
      read a shop's export, write a page to look at beside the records
  curl -s https://example.com/orders | process-orders - -o - | jq .items
      read standard input, write to standard output`

const long = `process-orders reads orders and keeps two records from them: who the
customers are, by phone, and what the items are, by name (the latest price, the
number of order lines). It reads a JSON array, {"orders": [...]}, one order a
line (NDJSON) or orders one after the other, plain or compressed (gzip, zstd,
bzip2); and with --from other JSON, tables (CSV) and workbooks (.xlsx).

An order looks like this; name may be missing, other fields are ignored:
  {"phone": "732-555-5439", "name": "Sunny",
   "items": [{"name": "Masala Dosa", "price": 10.95}]}
Exports of shops look different: --from reads them.

Nothing is ever half written: the two files are complete or as they were.

Exit code: 0 done, 1 failed and no records written, 2 wrong usage, 3 done with
rejects, 130 interrupted and nothing written.`

// root is the tree of commands.
func (c *command) root() *cobra.Command {
	var run run
	root := &cobra.Command{
		Use:     "process-orders [flags] FILE...",
		Short:   "Turn files of orders into customers.json and items.json",
		Long:    long,
		Example: examples,
		Version: version(),
		// Any word is a file, unless it is a command's name.
		Args: cobra.ArbitraryArgs,
		// Let the shell offer files.
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				if _, ok := terminal(c.stdin); ok {
					return c.shortHelp(cmd)
				}
				args = []string{"-"}
			}
			run.command, run.names, run.cmd = c, args, cmd
			return run.do(cmd.Context())
		},
	}
	root.SetIn(c.stdin)
	root.SetOut(c.out)
	root.SetErr(io.Discard) // end prints errors
	root.SetHelpTemplate(helpTemplate)
	root.SetVersionTemplate("process-orders {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	run.flags(root)
	root.AddCommand(c.check(), c.export(), c.storeReport(), c.find(), c.status(), c.doctor(), c.erase(), c.backup(), c.connect(), c.disconnect(), c.key(), c.audit(), c.serve(), c.presets(), c.version(), c.man())
	strict(root)
	return root
}

// helpTemplate starts with examples: most readers need no more.
const helpTemplate = `Usage: {{.UseLine}}
{{if .HasExample}}
{{.Example}}

{{end}}{{with (or .Long .Short)}}{{.}}
{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableSubCommands}}
Commands (a file of such a name is given as ./version):
{{range .Commands}}{{if .IsAvailableCommand}}  {{rpad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}`

func (c *command) shortHelp(cmd *cobra.Command) error {
	c.stderr.Write([]byte("Usage: " + cmd.UseLine() + "\n\n" + cmd.Example + "\n\nprocess-orders --help shows the flags.\n"))
	return errHelpShown
}

// flagError says what is wrong with a flag, and which one was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		return unknownFlag(cmd, unknown)
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		flag := invalid.GetFlag()
		want := "want a value of the type " + flag.Value.Type()
		var usage *usageError
		switch {
		case errors.As(err, &usage):
			want = usage.message
		case flag.Value.Type() == "int":
			want = "want a whole number"
		case flag.Value.Type() == "bool":
			want = "want true or false, or no value"
		}
		return wrongUsage("--%s: %s, got %s", flag.Name, want, shown.Value(invalid.GetValue()))
	}
	var missing *pflag.ValueRequiredError
	if errors.As(err, &missing) {
		return wrongUsage("--%s needs a value", missing.GetFlag().Name)
	}
	return wrongUsage("a word that starts with - is no flag; one that is not meant as a flag goes behind --")
}

// plainFlag is how a flag may be called. Anything else that starts with - may be a phone, as
// phones may be typed so.
var plainFlag = lazy.Regexp(`^[a-z]+(-[a-z]+)*$`)

// unknownFlag says that there is no such flag, without the word unless it looks like one.
func unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError) error {
	name, dashes := unknown.GetSpecifiedName(), "--"
	if unknown.GetSpecifiedShortnames() != "" {
		dashes = "-"
	}
	hint, takesPhone := "", slices.Contains([]string{"audit", "erase", "find"}, cmd.Name())
	if dashes == "--" {
		hint = suggestion(name, flagNames(cmd), "--")
	}
	switch {
	case takesPhone && hint == "":
		return wrongUsage("there is no such flag; a phone that starts with - goes behind --, as in: %s --store STORE -- PHONE", cmd.Name())
	case !plainFlag().MatchString(name) || takesPhone:
		return wrongUsage("there is no such flag%s; a file that starts with - is given as ./-…", hint)
	}
	if cmd.HasParent() { // it may be one of another command
		return wrongUsage("%s has no flag %s%s%s", strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" "), dashes, name, hint)
	}
	return wrongUsage("there is no flag %s%s%s", dashes, name, hint)
}

// strict makes unknown words after completion and help wrong usage.
func strict(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			cmd.Args = func(cmd *cobra.Command, args []string) error {
				if len(args) > 0 {
					return wrongUsage("there is no such shell here%s", suggestion(args[0], commandNames(cmd), ""))
				}
				return nil
			}
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Args = noArguments
			}
		}
		if cmd.Name() == "help" {
			run := cmd.Run
			cmd.Run = nil
			cmd.RunE = func(cmd *cobra.Command, args []string) error {
				if found, rest, err := root.Find(args); len(args) > 0 && (err != nil || found == root || len(rest) > 0) {
					return wrongUsage("there is no such command%s", suggestion(args[0], commandNames(root), ""))
				}
				run(cmd, args)
				return nil
			}
		}
	}
}
