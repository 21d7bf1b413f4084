using System.CommandLine;
using DeployCard.Bench.Logs;

// After Ctrl+C there are pods and a silo to end.
var ending = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await CommandLine.Root().Parse(args).InvokeAsync(ending);
