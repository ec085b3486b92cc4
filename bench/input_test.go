package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestInputIsMadeOnce(t *testing.T) {
	folder := t.TempDir()
	in := Input{Orders: someOrders(Array)}
	path, err := in.make(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := in.make(context.Background(), folder)
	if text, _ := os.ReadFile(again); err != nil || again != path || string(text) != "as it was" {
		t.Errorf("made again: %s, %v", again, err)
	}
}

func TestInputsHaveTheirOwnNames(t *testing.T) {
	seen := map[string]Input{}
	for _, change := range []func(*Input){
		func(*Input) {},
		func(in *Input) { in.Seed++ },
		func(in *Input) { in.Count++ },
		func(in *Input) { in.Customers++ },
		func(in *Input) { in.Skew++ },
		func(in *Input) { in.Items++ },
		func(in *Input) { in.Shape = Array },
		func(in *Input) { in.Brief = true },
		func(in *Input) { in.Compression = "gzip" },
		func(in *Input) { in.Compression = "zstd" },
	} {
		in := Input{Orders: usualOrders}
		change(&in)
		if other, twice := seen[in.fileName()]; twice {
			t.Errorf("%+v and %+v have the same name", in, other)
		}
		seen[in.fileName()] = in
	}
}

func TestCompressedInputs(t *testing.T) {
	for _, compression := range compressions[1:] {
		t.Run(compression, func(t *testing.T) {
			if !has(compression) {
				t.Skip("there is no such command")
			}
			in := Input{Orders: someOrders(NDJSON), Compression: compression}
			path, err := in.make(context.Background(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if err := decompress([]string{path}); err != nil {
				t.Error(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			torn := filepath.Join(t.TempDir(), "torn")
			if err := os.WriteFile(torn, text[:len(text)/2], 0o600); err != nil {
				t.Fatal(err)
			}
			if err := decompress([]string{torn}); err == nil {
				t.Error("half a file: no error")
			}
		})
	}
}

func TestAFailedInputLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Input{Orders: someOrders(NDJSON)}).make(ctx, folder); err == nil {
		t.Error("no error")
	}
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestNoRoom(t *testing.T) {
	in := Input{Orders: usualOrders}
	in.Count = 1 << 50
	if _, err := in.make(context.Background(), t.TempDir()); err == nil {
		t.Error("no error")
	}
}
