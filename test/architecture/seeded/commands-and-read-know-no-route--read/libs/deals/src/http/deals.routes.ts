export type Path = string;
