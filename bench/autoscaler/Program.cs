using DeployCard.Bench.Scaling;
using Microsoft.Extensions.Configuration;

var arguments = new ConfigurationBuilder().AddCommandLine(args).Build().Get<Arguments>() ?? new();
Console.WriteLine(arguments);
Console.WriteLine(Result.Header);
foreach (var trace in Trace.Find(arguments.Trace))
    Console.WriteLine(new Simulation(arguments, trace).Run());
