// Stops a server when the program that started it ends for any reason, because that program holds the other end of this pipe.
process.stdin.on("end", () => process.exit()).resume();
