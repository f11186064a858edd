package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

type item map[string]attribute

type change struct {
	update *updateItem
	clause *expression
	answer chan result
}

type result struct {
	attributes map[string]attribute
	err        error
}

// Items and their index in memory, a log of both on the disk.
type store struct {
	items   map[string]item
	index   map[string]string
	changes chan change
	parsed  sync.Map
}

func newStore(path string) *store {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	made := &store{items: map[string]item{}, index: map[string]string{}, changes: make(chan change, 1024)}
	go made.write(file)
	return made
}

// Writers that come while one sync runs share the next. Nobody is answered before it.
func (s *store) write(file *os.File) {
	for first := range s.changes {
		batch := []change{first}
	drain:
		for len(batch) < 1024 {
			select {
			case next := <-s.changes:
				batch = append(batch, next)
			default:
				break drain
			}
		}
		var lines bytes.Buffer
		results := make([]result, len(batch))
		for i, one := range batch {
			results[i] = s.run(one, &lines)
		}
		if _, err := file.Write(lines.Bytes()); err != nil {
			log.Fatal(err)
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			log.Fatal(err)
		}
		for i, one := range batch {
			one.answer <- results[i]
		}
	}
}

func (s *store) run(one change, lines *bytes.Buffer) result {
	key := one.update.Key["PK"]["S"] + "\x00" + one.update.Key["SK"]["S"]
	before := s.items[key]
	after := item{"PK": one.update.Key["PK"], "SK": one.update.Key["SK"]}
	for name, value := range before {
		after[name] = value
	}
	changed, err := one.clause.apply(after, one.update.ExpressionAttributeValues)
	if err != nil {
		return result{err: err}
	}
	gone, come := entry(before, key), entry(after, key)
	if gone != come {
		delete(s.index, gone)
		s.index[come] = key
	}
	s.items[key] = after
	json.NewEncoder(lines).Encode(map[string]any{"item": after, "gone": gone, "come": come})
	return result{attributes: changed}
}

// Where an item stands in the index.
func entry(of item, key string) string {
	if of["GSI2PK"] == nil || of["counterValue"] == nil {
		return ""
	}
	return of["GSI2PK"]["S"] + "\x00" + of["counterValue"]["N"] + "\x00" + key
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = verify(r, body)
	}
	var wanted updateItem
	if err == nil {
		err = json.Unmarshal(body, &wanted)
	}
	if err == nil && (r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.UpdateItem" || wanted.TableName != table ||
		wanted.ReturnValues != "UPDATED_NEW" || wanted.Key["PK"]["S"] == "" || wanted.Key["SK"]["S"] == "") {
		err = errors.New("ValidationException")
	}
	var clause *expression
	if err == nil {
		clause, err = s.parse(wanted.UpdateExpression)
	}
	if err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	mine := change{&wanted, clause, make(chan result, 1)}
	s.changes <- mine
	found := <-mine.answer
	if found.err != nil {
		http.Error(w, found.err.Error(), 400)
		return
	}
	document, _ := json.Marshal(updated{found.attributes})
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(document)), 10))
	w.Write(document)
}

// An update expression: what is set, and what is added.
type expression struct {
	set, add [][2]string
}

// A text is parsed once.
func (s *store) parse(text string) (*expression, error) {
	if kept, ok := s.parsed.Load(text); ok {
		return kept.(*expression), nil
	}
	made, part := &expression{}, ""
	words := strings.Fields(strings.NewReplacer(",", " , ", "=", " = ").Replace(text))
	for at := 0; at < len(words); {
		switch {
		case words[at] == "SET" || words[at] == "ADD":
			part = words[at]
			at++
		case words[at] == ",":
			at++
		case part == "SET" && at+2 < len(words) && words[at+1] == "=":
			made.set = append(made.set, [2]string{words[at], words[at+2]})
			at += 3
		case part == "ADD" && at+1 < len(words):
			made.add = append(made.add, [2]string{words[at], words[at+1]})
			at += 2
		default:
			return nil, errors.New("Invalid UpdateExpression")
		}
	}
	s.parsed.Store(text, made)
	return made, nil
}

func (e *expression) apply(to item, values map[string]attribute) (map[string]attribute, error) {
	changed := map[string]attribute{}
	for _, pair := range e.set {
		value := values[pair[1]]
		if value == nil {
			return nil, errors.New("a value is not defined")
		}
		to[pair[0]], changed[pair[0]] = value, value
	}
	for _, pair := range e.add {
		before := int64(0)
		if kept := to[pair[0]]; kept != nil {
			before, _ = strconv.ParseInt(kept["N"], 10, 64)
		}
		delta, err := strconv.ParseInt(values[pair[1]]["N"], 10, 64)
		if err != nil {
			return nil, err
		}
		value := attribute{"N": strconv.FormatInt(before+delta, 10)}
		to[pair[0]], changed[pair[0]] = value, value
	}
	return changed, nil
}
