// Resolves profiles with moby's own loader. One JSON object a line on standard input, {"profile": text, "caps": names
// or null}; one a line on standard output, {"seccomp": object or null} or {"error": text}.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/docker/docker/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

type request struct {
	Profile string   `json:"profile"`
	Caps    []string `json:"caps"`
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
		// moby dereferences the set without looking, so a container always has one here.
		spec := &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: r.Caps}}}
		resolved, err := seccomp.LoadProfile(r.Profile, spec)
		a := answer{Seccomp: resolved}
		if err != nil {
			a = answer{Error: err.Error()}
		}
		if err := encoder.Encode(a); err != nil {
			panic(err)
		}
	}
}
