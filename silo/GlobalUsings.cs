global using Orleans;
global using Orleans.Runtime;
// ASP.NET Core also has a type called Route, which this project does not use.
global using Route = DeployCard.Grains.Routing.Route;
