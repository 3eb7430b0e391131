// Starts a main class of a module's own tests: a wire alone, with a model that does as it is told.
import { execFileSync, spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "../..")

/** A process that runs `main` of `module`, as in "wire/openai", with the JDK that the launcher would take. */
export function startTestServer(module, main, args, stdio) {
  const folder = join(root, module)
  const file = join(folder, "target/test.classpath")
  if (!existsSync(file)) throw new Error(`${file} is missing (expected: ./mvnw -pl ${module} -am test-compile)`)
  const classpath = [join(folder, "target/test-classes"), join(folder, "target/classes"), readFileSync(file, "utf8").trim()]
  const jdk = execFileSync(join(root, "tools/find-jdk"), { encoding: "utf8" }).trim()
  return spawn(join(jdk, "bin/java"), ["-ea", "-cp", classpath.join(":"), main, ...args], { stdio })
}
