package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"process-orders/internal/shown"
)

// The settings of serve are its flags: each of them is also a variable of the environment and a
// key of the file, so none can be forgotten in one of the three. These are none.
const configFlag, checkFlag, urlFlag = "config", "check", "url"

// settings say how serve works.
type settings struct {
	store, listen, ops string
	hosts              []string
	behindProxy        bool
	tlsCert, tlsKey    string

	phone, region, count string

	maxBody, maxFile, maxWaitingBytes, maxQuarantineBytes limit
	maxWaiting, maxConnections                            int
	maxQuarantined                                        int64
	bodyTime                                              time.Duration
	keepReceipts                                          period

	spool, scrubAt, logForm string
	zone                    string
	noPage                  bool

	demo     bool
	demoSeed int64
}

func (s *settings) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	storeFlag(cmd, &s.store)
	f.StringVar(&s.listen, "listen", "127.0.0.1:8080", "take requests at `ADDR`, as in 127.0.0.1:8080, :443 or\nunix:/run/orders.sock")
	f.StringVar(&s.ops, "ops", "127.0.0.1:8081", "have /livez, /readyz and /metrics at `ADDR`, or off")
	f.StringSliceVar(&s.hosts, "host", nil, "the `NAME` by which others reach the server, as in\norders.example.com; may be given more than once")
	f.BoolVar(&s.behindProxy, "behind-proxy", false, "a proxy before the server does TLS, so a public address\nneeds none; the last address of X-Forwarded-For is the\nclient's")
	f.StringVar(&s.tlsCert, "tls-cert", "", "the certificate for TLS is in `FILE`, with its chain; a\nnew one is used without a restart")
	f.StringVar(&s.tlsKey, "tls-key", "", "the private key for TLS is in `FILE`")
	f.StringVar(&s.phone, "phone", "exact", "keep customers by phones as they are written (exact)\nor in one `FORM` (e164)")
	f.StringVar(&s.region, "region", "", "the `COUNTRY`, as in US, of phones without a country\ncode, for --phone e164")
	f.StringVar(&s.count, "count", "lines", "what an item's orders count: `lines|orders|quantity`")
	s.limitFlags(f)
	s.keepReceipts = period(7 * day)
	f.Var(&s.keepReceipts, "keep-receipts", "for how long a request with an Idempotency-Key can be\nrepeated, as in 7d or 36h")
	f.StringVar(&s.spool, "spool", "", "keep uploads in `DIR` until they are applied\n(default: the folder for temporary files)")
	f.StringVar(&s.scrubAt, "scrub-at", "03:00", "remove what is left of erased customers at this `TIME`\nof the day, or off; what is written waits meanwhile")
	f.StringVar(&s.zone, "zone", "", "the time `ZONE` of who sees the page, as in\nEurope/Berlin, until they choose another one\n(default: that of the machine)")
	f.BoolVar(&s.noPage, "no-page", false, "have no page for people")
	f.StringVar(&s.logForm, "log", "auto", "write the log as `text|json` (auto: text on a terminal)")
	f.BoolVar(&s.demo, "demo", false, "show a restaurant that is made up, whose orders go on\narriving, in a store that is removed in the end")
	f.Int64Var(&s.demoSeed, "demo-seed", 1, "make the same orders for the same `NUMBER`, at the same\ntime of the day")
	complete(cmd, "phone", "exact", "e164")
	complete(cmd, "count", "lines", "orders", "quantity")
	complete(cmd, "log", "auto", "text", "json")
	complete(cmd, "zone")
	_ = cmd.MarkFlagDirname("spool")
}

func (s *settings) limitFlags(f *pflag.FlagSet) {
	s.maxBody, s.maxFile, s.maxWaitingBytes, s.maxQuarantineBytes = 4<<20, 1<<30, 64<<20, 256<<20
	f.Var(&s.maxBody, "max-body", "the most that the body of a request has")
	f.Var(&s.maxFile, "max-file", "the most that an upload has")
	f.IntVar(&s.maxWaiting, "max-waiting", 4096, "how many requests may wait for the disk: `N`; more are\nanswered with 503")
	f.Var(&s.maxWaitingBytes, "max-waiting-bytes", "how large the bodies may be of all requests together")
	f.Int64Var(&s.maxQuarantined, "max-quarantined", 10_000, "how many deliveries may be in quarantine: `N`")
	f.Var(&s.maxQuarantineBytes, "max-quarantine-bytes", "how large those may be together")
	f.IntVar(&s.maxConnections, "max-connections", 2048, "how many TCP connections may be open: `N`; more are\nclosed")
	f.DurationVar(&s.bodyTime, "body-time", 10*time.Second, "how `LONG` a body may be slow, as in 10s: in each\nsuch time it brings 1 KiB a second, or ends")
}

// variable is the variable of the environment for a setting.
func variable(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

const variablePrefix = "PROCESS_ORDERS_"

// load takes the settings that were not given as flags from the environment, and those that are
// not there from a file.
func (s *settings) load(flags *pflag.FlagSet, file string) error {
	given, err := readSettings(file)
	if err != nil {
		return err
	}
	flags.VisitAll(func(flag *pflag.Flag) {
		fromFile, isInFile := given[flag.Name]
		delete(given, flag.Name)
		if err != nil || flag.Changed || !isSetting(flag.Name) {
			return
		}
		if text, ok := os.LookupEnv(variable(flag.Name)); ok && text != "" {
			err = setSetting(flag, variable(flag.Name), text)
		} else if isInFile {
			err = setSetting(flag, file+": "+flag.Name, fromFile...)
		}
	})
	if err != nil {
		return err
	}
	if len(given) == 0 {
		return nil
	}
	name := slices.Min(slices.Collect(maps.Keys(given)))
	return wrongUsage("%s: there is no setting %s%s", file, shownSetting(name), suggestion(name, settingNames(flags), ""))
}

// shownSetting is the name of a setting that may be none, and hold anything.
func shownSetting(name string) string {
	if plainFlag().MatchString(name) {
		return name
	}
	return shown.Value(name)
}

func isSetting(flag string) bool {
	return flag != configFlag && flag != checkFlag && flag != urlFlag && flag != "help"
}

func settingNames(flags *pflag.FlagSet) (names []string) {
	flags.VisitAll(func(f *pflag.Flag) {
		if isSetting(f.Name) {
			names = append(names, f.Name)
		}
	})
	return names
}

// setSetting sets a setting to one value, or to several of those that may have them.
func setSetting(flag *pflag.Flag, place string, values ...string) error {
	many, isMany := flag.Value.(pflag.SliceValue)
	if len(values) != 1 && !isMany {
		return wrongUsage("%s: want one value", place)
	}
	var err error
	if len(values) == 1 {
		err = flag.Value.Set(values[0])
	} else {
		err = many.Replace(values)
	}
	if err != nil {
		want := "want a value of the type " + flag.Value.Type()
		if usage := (*usageError)(nil); errors.As(err, &usage) {
			want = usage.message
		}
		return wrongUsage("%s: %s", place, want) // the value may be a secret
	}
	return nil
}

// readSettings reads a file of settings, as texts. Without a name there are none.
func readSettings(name string) (map[string][]string, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--config %s: there is no such file", name)
	} else if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	var values map[string]any
	if err := toml.Unmarshal(text, &values); err != nil {
		var syntax *toml.DecodeError
		if errors.As(err, &syntax) {
			line, column := syntax.Position()
			return nil, wrongUsage("%s:%d:%d: this is not TOML, as in listen = \"127.0.0.1:8080\"", name, line, column)
		}
		return nil, wrongUsage("%s: this is not TOML", name)
	}
	all := map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if all[key], err = textsOf(values[key]); err != nil {
			return nil, wrongUsage("%s:%d: %s: %v", name, lineOf(text, key), shownSetting(key), err)
		}
	}
	return all, nil
}

// lineOf is the line of a file of settings in which a key comes first, also as the name of a table.
func lineOf(text []byte, key string) int {
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		parts := p.Expression().Key()
		if parts.Next() && string(parts.Node().Data) == key {
			return p.Shape(parts.Node().Raw).Start.Line
		}
	}
	return 1
}

// textsOf is a value of a file as it would be given to a flag.
func textsOf(value any) (texts []string, err error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case bool, int64, float64:
		return []string{fmt.Sprint(v)}, nil
	case []any:
		for _, one := range v {
			text, isText := one.(string)
			if !isText {
				return nil, errors.New("want a list of texts")
			}
			texts = append(texts, text)
		}
		return texts, nil
	case map[string]any:
		return nil, errors.New("this is a table; the settings are plain keys, as in listen = \"127.0.0.1:8080\"")
	case toml.LocalTime:
		return []string{fmt.Sprintf("%02d:%02d", v.Hour, v.Minute)}, nil
	}
	return nil, errors.New("want a text, a number, true, false or a list of texts")
}

// valid refuses settings that make no sense.
func (s *settings) valid() error {
	switch _, knowsCount := counts[s.count]; {
	case s.demo && s.store != "":
		return wrongUsage("--demo has a store of its own, which is removed in the end: give no --store with it")
	case s.store == "" && !s.demo:
		return wrongUsage("serve needs --store: %s; --demo shows the page with orders that are made up", wantedStores)
	case !knowsCount:
		return wrongUsage("--count: want lines, orders or quantity, got %s", shown.Value(s.count))
	case s.phone != "exact" && s.phone != "e164":
		return wrongUsage("--phone: want exact or e164, got %s", shown.Value(s.phone))
	case s.region != "" && s.phone != "e164":
		return wrongUsage("--region is for --phone e164")
	case (s.tlsCert == "") != (s.tlsKey == ""):
		return wrongUsage("--tls-cert and --tls-key go together")
	case s.logForm != "auto" && s.logForm != "text" && s.logForm != "json":
		return wrongUsage("--log: want auto, text or json, got %s", shown.Value(s.logForm))
	case s.maxWaiting < 1, s.maxConnections < 1, s.maxQuarantined < 1, s.bodyTime <= 0, s.keepReceipts <= 0:
		return wrongUsage("--max-waiting, --max-connections, --max-quarantined, --body-time and --keep-receipts: want more than 0")
	}
	if s.spool != "" {
		if info, err := os.Stat(s.spool); err != nil || !info.IsDir() {
			return wrongUsage("--spool: there is no folder %s: make it, or leave --spool out to use the folder for temporary files", shown.Text(s.spool))
		}
	}
	if _, err := time.Parse("15:04", s.scrubAt); err != nil && s.scrubAt != "off" {
		return wrongUsage("--scrub-at: want a time of the day, as in 03:00, or off, got %s", shown.Value(s.scrubAt))
	}
	if _, err := s.location(); err != nil {
		return err
	}
	for _, host := range s.hosts {
		if host == "" || strings.ContainsAny(host, "/ @*") {
			return wrongUsage("--host: want a name, as in orders.example.com, got %s", shown.Value(host))
		}
	}
	return nil
}

// location is the time zone of who sees the page; nil is that of the machine.
func (s *settings) location() (*time.Location, error) {
	if s.zone == "" {
		return nil, nil
	}
	zone, err := time.LoadLocation(s.zone)
	if err != nil || s.zone == "Local" {
		return nil, wrongUsage("--zone: want the name of a time zone, as in Europe/Berlin, got %s", shown.Value(s.zone))
	}
	return zone, nil
}
