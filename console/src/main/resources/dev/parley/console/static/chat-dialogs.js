// The questions of the chat: what to call something, who takes part, whether it is to be deleted.

import { html, nothing } from './lit.js';
import * as chat from './chat-api.js';
import { colour, initial } from './conversation-list.js';

const ROLES = { reader: 'reads along', writer: 'takes part', owner: 'owns it' };

export const renameQuestion = (title, act) => ({
  title: 'Rename',
  confirm: 'Rename',
  fields: html`<label class="stacked"><span>Title</span><input name="title" required autofocus autocomplete="off" maxlength="200" .defaultValue=${title}></label>`,
  act: ({ title: chosen }) => act(chosen.trim()),
});

export const deleteConversationQuestion = (title, act) => ({
  title: 'Delete this conversation?',
  confirm: 'Delete',
  danger: true,
  words: `${title || 'It'} is gone for everyone in it, with all its branches, and what is being answered stops.`,
  act,
});

export const nameQuestion = (name, act) => ({
  title: 'Who are you?',
  confirm: 'That’s me',
  words: 'This server has no keys, so it believes the name you give. Others see it beside what you say.',
  fields: html`<label class="stacked"><span>Name</span><input name="name" required autofocus autocomplete="off" maxlength="60" .defaultValue=${name}></label>`,
  act: ({ name: chosen }) => act(chosen.trim()),
});

export function peopleQuestion(conversation, you) {
  const { id, members } = conversation;
  const owner = conversation.role === 'owner';
  return {
    title: 'People',
    confirm: owner ? 'Add' : 'Good',
    fields: html`<ul class="members">
        ${Object.entries(members).map(([person, role]) => html`<li>
          <span class="face ${colour(person, members)}" aria-hidden="true">${initial(person)}</span>
          <span><b>${person}</b>${person === you ? ' (you)' : nothing}<small>${ROLES[role] ?? role}</small></span>
          ${owner && person !== you ? html`<button type="button" class="link" @click=${(e) => remove(e.currentTarget, id, person)}>Remove</button>` : nothing}
        </li>`)}
      </ul>
      ${owner
        ? html`<div class="add-person">
            <label class="stacked"><span>Add somebody</span><input name="person" required autofocus autocomplete="off" maxlength="200" placeholder="Name"></label>
            <label class="stacked"><span>who</span><select name="role"><option value="writer">takes part</option><option value="reader">reads along</option><option value="owner">owns it too</option></select></label>
          </div>`
        : html`<p>Who owns the conversation can add others.</p>`}`,
    async act({ person, role }) {
      if (owner) await chat.addMember(id, person.trim(), role);
    },
  };
}

async function remove(button, id, person) {
  button.disabled = true;
  try {
    await chat.removeMember(id, person);
    button.textContent = 'Removed';
  } catch (failure) {
    button.textContent = failure.message;
    button.disabled = false;
  }
}
