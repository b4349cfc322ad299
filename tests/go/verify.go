// Program verify answers questions about notes, proofs, tiles and signatures with nothing but Go's
// standard library and golang.org/x/mod/sumdb: one JSON object a line in, one a line out.
package main

import (
	"bufio"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Do       string
	Note     string
	Keys     []string // vkeys of type 0x01
	Cosigner string   // name of a cosigner whose key ID and key follow
	KeyID    uint32
	Key      []byte
	Message  []byte
	Value    []byte // signature, or entry
	Proof    [][]byte
	Old      int64
	OldRoot  []byte
	Size     int64
	Root     []byte
	Index    int64
	Folder   string
}

type answer struct {
	Error string
	Text  string
	Names []string
}

// cosigner verifies timestamped cosignatures (C2SP tlog-cosignature, type 0x04).
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.id }
func (c cosigner) Verify(text, value []byte) bool {
	if len(value) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(value)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	return ed25519.Verify(c.key, []byte(message), value[8:])
}

// folder reads tiles as our log publishes them: C2SP paths have no height in them.
type folder struct{ path string }

func (folder) Height() int                            { return 8 }
func (folder) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		name := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(f.path, name))
		if os.IsNotExist(err) && tile.W < 256 {
			full := tile
			full.W = 256
			name = "tile/" + strings.TrimPrefix(full.Path(), "tile/8/")
			if data, err = os.ReadFile(filepath.Join(f.path, name)); err == nil {
				data = data[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func hash(data []byte) (h tlog.Hash) {
	copy(h[:], data)
	return h
}

func hashes(data [][]byte) []tlog.Hash {
	all := []tlog.Hash{}
	for _, one := range data {
		all = append(all, hash(one))
	}
	return all
}

func open(q question) (answer, error) {
	var known []note.Verifier
	for _, key := range q.Keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return answer{}, err
		}
		known = append(known, verifier)
	}
	if q.Cosigner != "" {
		known = append(known, cosigner{q.Cosigner, q.KeyID, ed25519.PublicKey(q.Key)})
	}
	opened, err := note.Open([]byte(q.Note), note.VerifierList(known...))
	if err != nil {
		return answer{}, err
	}
	got := answer{Text: opened.Text}
	for _, signature := range opened.Sigs {
		got.Names = append(got.Names, signature.Name)
	}
	return got, nil
}

// tiles proves an entry, and an older tree, from the folder of tiles, and checks both proofs.
func tiles(q question) error {
	tree := tlog.Tree{N: q.Size, Hash: hash(q.Root)}
	reader := tlog.TileHashReader(tree, folder{q.Folder})
	record, err := tlog.ProveRecord(q.Size, q.Index, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(record, q.Size, tree.Hash, q.Index, tlog.RecordHash(q.Value)); err != nil {
		return err
	}
	older, err := tlog.ProveTree(q.Size, q.Old, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(older, q.Size, tree.Hash, q.Old, hash(q.OldRoot))
}

func ask(q question) (answer, error) {
	switch q.Do {
	case "note":
		return open(q)
	case "inclusion":
		leaf := tlog.RecordHash(q.Value)
		return answer{}, tlog.CheckRecord(hashes(q.Proof), q.Size, hash(q.Root), q.Index, leaf)
	case "consistency":
		return answer{}, tlog.CheckTree(hashes(q.Proof), q.Size, hash(q.Root), q.Old, hash(q.OldRoot))
	case "tiles":
		return answer{}, tiles(q)
	case "ed25519":
		if !ed25519.Verify(ed25519.PublicKey(q.Key), q.Message, q.Value) {
			return answer{}, errors.New("not valid")
		}
		return answer{}, nil
	}
	return answer{}, errors.New("no such question")
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		got, err := ask(q)
		if err != nil {
			got.Error = err.Error()
		}
		if err := out.Encode(got); err != nil {
			os.Exit(1)
		}
	}
}
