// Where a conversation says the same thing in different ways. Pure functions over the list of its branches,
// { id, source, offset, replaces }, the main one having no source.

/**
 * The alternatives that the turns of a branch show: for each offset behind which they part, the branches to choose from,
 * the oldest first, and which of them is shown.
 */
export function alternatives(branches, shown) {
  const byId = new Map(branches.map((b) => [b.id, b]));
  const groups = new Map();
  for (const branch of branches) {
    if (!branch.source) continue;
    const key = keyOf(branch, byId);
    if (!groups.has(key)) groups.set(key, { offset: branch.offset, choices: [home(branch, byId)] });
    groups.get(key).choices.push(branch.id);
  }
  const line = lineage(shown, byId);
  const found = new Map();
  for (const { offset, choices } of groups.values()) {
    // The latest of the line that goes on behind the fork is the one whose turns are there.
    const chosen = line.find(({ id, upTo }) => upTo > offset && choices.includes(id));
    if (chosen) found.set(offset, { choices, at: choices.indexOf(chosen.id) });
  }
  return found;
}

/** The branch and those it comes from, each with the offset up to which its turns are seen. */
function lineage(shown, byId) {
  const line = [];
  let upTo = Infinity;
  for (let id = shown; id && line.length <= byId.size; id = byId.get(id)?.source) {
    line.push({ id, upTo });
    upTo = Math.min(upTo, byId.get(id)?.offset ?? 0);
  }
  return line;
}

/** The branch in which the replaced turn was first said: one that forks no later has it only from its source. */
function home(branch, byId) {
  let at = branch.source;
  for (let steps = 0; byId.get(at)?.source && branch.offset <= byId.get(at).offset && steps < byId.size; steps++) {
    at = byId.get(at).source;
  }
  return at;
}

const keyOf = (branch, byId) => `${branch.offset} ${home(branch, byId)}`;
