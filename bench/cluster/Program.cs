using System.CommandLine;
using DeployCard.Bench.Cluster;

// After Ctrl+C there are pods, silos and a database to end.
var ending = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await CommandLine.Root().Parse(args).InvokeAsync(ending);
