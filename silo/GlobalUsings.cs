global using Orleans;
global using Orleans.Runtime;
// The framework has a Route of its own, which nothing here uses.
global using Route = DeployCard.Grains.Routing.Route;
