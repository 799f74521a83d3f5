// Reads profiles straight into runtime-spec's object, as containerd does. One JSON object a line on standard input,
// {"profile": text}; one a line on standard output, {"seccomp": object} or {"error": text}.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/opencontainers/runtime-spec/specs-go"
)

type request struct {
	Profile string `json:"profile"`
}

type answer struct {
	Seccomp *specs.LinuxSeccomp `json:"seccomp"`
	Error   string              `json:"error,omitempty"`
}

func main() {
	decoder := json.NewDecoder(bufio.NewReader(os.Stdin))
	encoder := json.NewEncoder(os.Stdout)
	for decoder.More() {
		var r request
		if err := decoder.Decode(&r); err != nil {
			panic(err)
		}
		resolved := &specs.LinuxSeccomp{}
		err := json.Unmarshal([]byte(r.Profile), resolved)
		a := answer{Seccomp: resolved}
		if err != nil {
			a = answer{Error: err.Error()}
		}
		if err := encoder.Encode(a); err != nil {
			panic(err)
		}
	}
}
