// What a Node.js client of Outdial needs: the services, loaded from the proto files, with promises.
import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";

/** The top of the project. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const protos = path.join(root, "proto");

/** The directory of the built programs. */
export const programs = process.env.OUTDIAL_PROGRAMS ?? path.join(root, "build/release/bin");

function loadServices() {
  const files = readdirSync(path.join(protos, "outdial/v1"))
    .filter((file) => file.endsWith("_service.proto"))
    .map((file) => `outdial/v1/${file}`);
  const definition = protoLoader.loadSync(files, {
    includeDirs: [protos],
    keepCase: true, // field names as in the proto files
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  return grpc.loadPackageDefinition(definition).outdial.v1;
}

const services = loadServices();

/** A client of one service: unary calls return promises, streams are async iterables. */
export function connect(serviceName, address) {
  const client = new services[serviceName](address, grpc.credentials.createInsecure());
  const unary = (method) => promisify(client[method].bind(client));
  return { client, unary };
}

/** All records that a server stream sends, out of its batches' repeated `field`. */
export async function collect(stream, field) {
  const records = [];
  for await (const batch of stream) records.push(...batch[field]);
  return records;
}
