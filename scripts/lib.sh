# Shared by the scripts in this folder, which source it first. It changes to the
# root of the repository, and prints in the end what passed and what was left out,
# whichever way the script ends.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Property tests use this seed, so that a run can be repeated. ./scripts/soak sets others.
export RAPID_SEED=${RAPID_SEED:-1}

# One build of each package does for go vet, for the tests and for the binary they run.
# The binary is static, so that build is the one without cgo.
export CGO_ENABLED=0

current="setup" # the step that is running
passed=""       # the steps that passed, for the last line
notes=""        # what was left out, one a line, repeated at the end
log=$(mktemp)

finish() {
	local status=$?
	rm -f "$log"
	if [[ $status -eq 0 ]]; then
		echo "$0 passed in $SECONDS s: $passed"
	else
		echo "$0 FAILED after $SECONDS s: $current" >&2
	fi
	printf '%s' "$notes"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step NAME COMMAND... runs one check. The command is not run as a condition, so that
# set -e holds inside it.
step() {
	current=$1
	shift
	local start=$SECONDS skipped=""
	echo "== $current"
	"$@"
	echo "   $((SECONDS - start)) s"
	[[ -n $skipped ]] || passed+="${passed:+, }$current"
}

# skip LINE prints that the running step was left out, now and at the end. A step that
# was skipped is not listed among those that passed.
skip() {
	echo "$1"
	notes+="$1"$'\n'
	skipped=yes
}

# has COMMAND|COMMAND... reports whether one of the commands is installed. Debian keeps
# PostgreSQL's commands off the PATH, and root's commands off other users' PATH.
has() {
	local name
	for name in ${1//|/ }; do
		if command -v "$name" >/dev/null; then return 0; fi
		if compgen -G "/usr/lib/postgresql/*/bin/$name" >/dev/null; then return 0; fi
		if [[ -x /usr/sbin/$name || -x /sbin/$name ]]; then return 0; fi
	done
	return 1
}

# install PACKAGE... installs Debian packages, if this is a system that has them.
install() {
	has apt-get || return 1
	local root=()
	if [[ $(id -u) -ne 0 ]]; then
		has sudo || return 1
		root=(sudo)
		if [[ ! -t 0 ]]; then root=(sudo -n); fi # nobody can type a password
	fi
	local apt=(${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -q -y
		-o Acquire::Retries=1 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=60)
	"${apt[@]}" update || true # old package lists may do
	local name
	for name; do # one by one: a missing one must not keep out the others
		"${apt[@]}" install --no-install-recommends "$name" || true
	done
}

# get_tools TOOL... installs tools that are missing. A tool is a line
# "command|or another:Debian packages:what is left out without it".
get_tools() {
	local tool command packages use missing=""
	if ! has go; then
		current="there is no go command here: install Go from https://go.dev/dl/"
		return 1
	fi
	for tool; do
		IFS=: read -r command packages use <<<"$tool"
		if ! has "$command"; then missing+=" $packages"; fi
	done
	if [[ -z $missing ]]; then return 0; fi

	echo "missing:$missing"
	# shellcheck disable=SC2086 # a list of words
	install $missing >"$log" 2>&1 || true
	grep '^E: ' "$log" || true # apt-get's reasons
	for tool; do
		IFS=: read -r command packages use <<<"$tool"
		if ! has "$command"; then
			skip "SKIPPED: $use: could not install $packages"
		fi
	done
}

# go_test FLAG|PACKAGE... runs tests. The cache is not used, as it does not know which
# tools are installed; the caller has run go vet. It prints a line for each package, the
# output of packages that failed, and the tests that skipped themselves with their
# reasons.
go_test() {
	local status=0 ran skips
	go test -count=1 -vet=off -timeout 10m -v "$@" >"$log" 2>&1 || status=$?
	awk '
		/^(ok  |FAIL|\?   )\t/ {
			if ($1 == "FAIL") printf "%s", wrote
			print; wrote = ""; running = 0; next
		}
		/^=== /         { running = 1; next }
		/^ *--- PASS: / { next }
		!running        { print; next } # what does not compile
		                { wrote = wrote $0 "\n" }
		END { printf "%s", wrote }' "$log"
	if [[ $status -ne 0 ]]; then return "$status"; fi

	ran=$(grep -c '^ *--- PASS: ' "$log" || true)
	echo "   $ran tests and subtests passed"
	if [[ $ran -eq 0 ]]; then
		echo "no test ran"
		return 1
	fi
	skips=$(awk '
		/^=== (RUN|NAME|CONT) / { test = $3 }
		/^ +[^ ]+\.go:[0-9]+: / { sub(/^ +[^ ]+ /, ""); reason[test] = $0 }
		/^ *--- SKIP: /         { print "   skipped: " $3 ": " reason[$3] }' "$log")
	if [[ -n $skips ]]; then
		echo "$skips"
		notes+="SKIPPED in $current: $(wc -l <<<"$skips" | tr -d ' ') tests skipped themselves:"$'\n'"$skips"$'\n'
	fi
}
