import type { ComplainantType } from './vocabulary';

/** What helps with each type of complainant; policy, in the order in which it is done. */
export const HANDLING: Readonly<Record<ComplainantType, readonly string[]>> = {
  arguing: [
    'Do not argue back: let the points be made and write them down where the customer sees it.',
    'Grant every point that is right before speaking of one that is not.',
    'Bring documents and dates, not opinions.',
    'Ask which result would settle the matter, and speak about that alone.',
  ],
  escalating: [
    'Say at once who decides and how far your own authority goes.',
    'Do what can be done on the spot, so that going higher gains nothing.',
    'Where it must go up, hand it over with the whole record: nobody tells a story twice.',
    'Name the hour of the next word from us, and keep it.',
  ],
  harassing: [
    'Let one person speak for us, so that no promise is played against another.',
    'Note every contact with its time and what was said.',
    'Treat the matter itself as you would for anybody.',
    'Set limits on times and tone in plain words; legal counsel comes in when they are passed.',
  ],
  'compensation-seeking': [
    'Check the facts and the loss before any sum is spoken of.',
    'Explain the rule by which redress is measured, with its source.',
    'Offer what the rule gives without haggling, in writing.',
    'Offer something other than money where it helps more.',
  ],
  rowdy: [
    'Stay calm and move the talk to a quiet place, away from other customers.',
    'Offer a seat and something to drink, then listen until the anger has spent itself.',
    'Speak low and slowly, and of the next step rather than of blame.',
    'Call a colleague when anybody feels unsafe; safety goes before the matter.',
  ],
  venting: [
    'Hear the whole story without a break.',
    'Name the feeling and say that it is understandable.',
    'Sum up in your own words and ask whether that is it.',
    'Ask whether anything should be done at all; often being heard was the wish.',
  ],
  'cooling-off': [
    'Do not press for a decision today.',
    'Agree on the day and the person of the next talk, and send it in writing.',
    'Use the time to find out what happened.',
    'Come back on the agreed day even when there is little news.',
  ],
  threatening: [
    'Take the threat seriously and stay polite; do not answer it with another one.',
    'Write down the words as they were said, and who heard them.',
    'Tell management and legal counsel the same day.',
    'Go on solving the matter that lies behind it.',
  ],
};
