package durable

import "errors"

// What keeps a rename from replacing a file, and the way out.
var (
	errMountPoint = errors.New("it is a mount point, like a single file that is mounted into a container, and cannot be replaced: mount its folder instead")
	errImmutable  = errors.New("it is immutable and cannot be replaced: chattr -i, or chflags, makes it an ordinary file")
	errAppendOnly = errors.New("it can only be appended to and cannot be replaced: chattr -a, or chflags, makes it an ordinary file")
	errSticky     = errors.New("it belongs to another user, and its folder is sticky, as /tmp is: only its owner can replace it; use another folder")

	errFolderImmutable  = errors.New("its folder is immutable: chattr -i, or chflags, makes it an ordinary folder")
	errFolderAppendOnly = errors.New("files can only be added to its folder, and not be replaced: chattr -a, or chflags, makes it an ordinary folder")
)
