package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

type increment struct {
	ResourceID  string `json:"resource_id"`
	CounterType string `json:"counter_type"`
	Delta       *int   `json:"delta"`
}

var resourceRule = regexp.MustCompile(`^[A-Za-z0-9._:/-]{1,256}$`)
var typeRule = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

func (wanted increment) check() (int, error) {
	delta := 1
	if wanted.Delta != nil {
		delta = *wanted.Delta
	}
	if !resourceRule.MatchString(wanted.ResourceID) || !typeRule.MatchString(wanted.CounterType) ||
		delta == 0 || delta < -1000 || delta > 1000 {
		return 0, errors.New("the increment is not well formed")
	}
	return delta, nil
}

type attribute map[string]string

type updateItem struct {
	Key                       map[string]attribute
	UpdateExpression          string
	ExpressionAttributeValues map[string]attribute
	ReturnValues              string
	TableName                 string
}

type updated struct {
	Attributes map[string]attribute
}

func add(caller *http.Client, store string, wanted increment, delta int) (int, error) {
	now := time.Now().UTC()
	body, _ := json.Marshal(updateItem{
		Key: map[string]attribute{
			"PK": {"S": "COUNTER#" + wanted.ResourceID}, "SK": {"S": "TYPE#" + wanted.CounterType}},
		UpdateExpression: "SET GSI2PK = :index, updatedAt = :now ADD counterValue :delta",
		ExpressionAttributeValues: map[string]attribute{
			":index": {"S": "COUNTER_TYPE#" + wanted.CounterType},
			":now":   {"S": now.Format("2006-01-02T15:04:05.000Z")},
			":delta": {"N": strconv.Itoa(delta)}},
		ReturnValues: "UPDATED_NEW", TableName: table})
	request, err := http.NewRequest("POST", "http://"+store+"/", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.UpdateItem")
	sign(request, body, now)
	response, err := caller.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	result, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	if response.StatusCode != 200 {
		return 0, fmt.Errorf("status %d: %s", response.StatusCode, result)
	}
	if response.Header.Get("X-Amz-Crc32") != strconv.FormatUint(uint64(crc32.ChecksumIEEE(result)), 10) {
		return 0, errors.New("the checksum is wrong")
	}
	var found updated
	if err := json.Unmarshal(result, &found); err != nil {
		return 0, err
	}
	return strconv.Atoi(found.Attributes["counterValue"]["N"])
}

func function(address, store string) {
	caller := client()
	serve(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var got event
		var wanted increment
		var delta, value int
		err := json.NewDecoder(r.Body).Decode(&got)
		if err == nil {
			err = json.Unmarshal([]byte(got.Body), &wanted)
		}
		if err == nil {
			delta, err = wanted.check()
		}
		if err == nil {
			value, err = add(caller, store, wanted, delta)
		}
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		text := fmt.Sprintf("%s of %s changed by %+d to %d", wanted.CounterType, wanted.ResourceID, delta, value)
		document, _ := json.Marshal(map[string]any{"success": true, "current_value": value, "message": text})
		json.NewEncoder(w).Encode(answer{200, map[string]string{
			"content-type": "application/json; charset=utf-8", "access-control-allow-origin": "*",
			"access-control-allow-methods": "GET,POST,DELETE,OPTIONS",
			"access-control-allow-headers": "content-type,idempotency-key"}, string(document)})
	}))
}
