// For a server: it ends with the program that started it, however that ends, since that holds the other end of this pipe.
process.stdin.on("end", () => process.exit()).resume();
