package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Input is a file of orders to measure with.
type Input struct {
	Orders
	Compression string `json:",omitempty"` // "", gzip or zstd, at the default level of the command
}

// usualOrders are like the orders of a big shop on one day: 489 MB.
var usualOrders = Orders{Seed: 1, Count: 2_000_000, Customers: 167_000, Skew: 2, Items: 200, Shape: NDJSON}

// fileName returns a name that differs for each input, so that a file of that name is
// always this input. Its endings are those by which the peers recognize a compression.
func (in Input) fileName() string {
	name := fmt.Sprintf("%d-of-%d", in.Count, in.Customers)
	if in.Seed != usualOrders.Seed || in.Skew != usualOrders.Skew || in.Items != usualOrders.Items {
		name += fmt.Sprintf("-seed-%d-skew-%g-items-%d", in.Seed, in.Skew, in.Items)
	}
	if in.Brief {
		name += "-brief"
	}
	if in.First > 0 || in.Again > 0 {
		name += fmt.Sprintf("-from-%d-again-%d", in.First, in.Again)
	}
	return name + "." + string(in.Shape) + map[string]string{"gzip": ".gz", "zstd": ".zst"}[in.Compression]
}

// estimateBytes is about how large the file will be, to see whether it fits on the disk.
func (in Input) estimateBytes() int64 {
	each := int64(250)
	switch {
	case in.Brief:
		each = 130
	case in.Shape == Indented:
		each = 500
	case in.Shape == Shopify:
		each = 850
	case in.Shape == ShopifyCSV:
		each = 850
	}
	return (in.Count + in.Again) * each
}

// spareBytes stay free on the disk, for the outputs and for other programs.
const spareBytes = 4 << 30

// make returns the path of the input in the folder, and makes the input if it is not there.
func (in Input) make(ctx context.Context, folder string) (string, error) {
	path := filepath.Join(folder, in.fileName())
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	if err := in.checkSpace(folder); err != nil {
		return "", err
	}
	part := path + ".part"
	err := in.fill(ctx, folder, part)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	syscall.Sync() // so that writing it back does not disturb what is measured
	return path, nil
}

var errNoSpace = errors.New("not enough space on the disk")

func (in Input) checkSpace(folder string) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return err
	}
	if free := int64(disk.Bavail) * int64(disk.Bsize); free < in.estimateBytes()+spareBytes {
		return fmt.Errorf("%w: %s are free, and an input of %s would leave less than %s",
			errNoSpace, formatBytes(free), formatBytes(in.estimateBytes()), formatBytes(spareBytes))
	}
	return nil
}

// fill writes the input to a new file.
func (in Input) fill(ctx context.Context, folder, name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	if in.Compression == "" {
		err = in.Write(contextWriter{ctx, file})
	} else {
		err = in.compress(ctx, folder, file)
	}
	return errors.Join(err, file.Close())
}

// compress writes the input to the file. The name of the compression is that of the command.
func (in Input) compress(ctx context.Context, folder string, file *os.File) error {
	plain := in
	plain.Compression = ""
	path, err := plain.make(ctx, folder)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, in.Compression, "-c", "-q", path)
	command.Stdout, command.Stderr = file, os.Stderr
	return command.Run()
}

// contextWriter returns an error once the context has ended.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (w contextWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(p)
}

// cacheFile reads the file, so that it is in the page cache.
func cacheFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{file}, make([]byte, 1<<20))
	return err
}

// decompress reads a compressed file with the library that process-orders uses, with the
// library's default options, and does nothing with it.
func decompress(args []string) error {
	if len(args) != 1 {
		return errors.New("decompress: want a file")
	}
	file, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<20)
	var plain io.Reader
	if magic, _ := in.Peek(1); len(magic) == 1 && magic[0] == 0x1f {
		plain, err = gzip.NewReader(in)
	} else {
		plain, err = zstd.NewReader(in)
	}
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{plain}, make([]byte, 1<<20))
	return err
}
