// FeathersJS: the same model, CRUD and real-time events.
//   node server.js PORT FILE
const { feathers } = require('@feathersjs/feathers');
const { koa, rest, bodyParser, errorHandler } = require('@feathersjs/koa');
const socketio = require('@feathersjs/socketio');
const { KnexService } = require('@feathersjs/knex');

async function main() {
  const port = Number(process.argv[2]);
  const filename = process.argv[3];
  const app = koa(feathers());
  app.use(errorHandler());
  app.use(bodyParser());
  app.configure(rest());
  app.configure(socketio({ transports: ['websocket'], perMessageDeflate: false }));

  const paginate = { default: 20, max: 1000 };
  const knex = require('knex')({
    client: 'better-sqlite3',
    connection: { filename },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate(db, done) {
        db.pragma('journal_mode = WAL');
        db.pragma('synchronous = NORMAL');
        done(null, db);
      },
    },
  });
  await knex.schema.dropTableIfExists('messages');
  await knex.schema.createTable('messages', (t) => {
    t.increments('id');
    t.integer('room_id');
    t.text('text');
    t.integer('user_id');
  });
  const rows = [];
  for (let i = 1; i <= 1000; i++)
    rows.push({ room_id: 1, user_id: (i % 10) + 1, text: `message number ${i} ` + 'y'.repeat(80) });
  await knex.batchInsert('messages', rows, 100);
  app.use('messages', new KnexService({ Model: knex, name: 'messages', paginate }), { events: [] });
  app.use('echo', { async get(id) { return { n: id }; } });
  app.use('subscribe', {
    async create(data, params) {
      app.channel(`room-${data.room}`).join(params.connection);
      return {};
    },
  });
  app.service('subscribe').publish(() => null);
  app.service('messages').publish((data) => app.channel(`room-${data.room_id}`));
  await app.listen(port, '127.0.0.1');
}
main();
