using System.CommandLine;
using DeployCard.Bench.Cluster;

// After Ctrl+C, stopping the pods, silos and the database can take longer than the default termination timeout.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await CommandLine.CreateRootCommand().Parse(args).InvokeAsync(configuration);
