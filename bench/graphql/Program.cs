using System.CommandLine;
using DeployCard.Bench.GraphQL;

// After Ctrl+C there are servers to end.
var ending = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await CommandLine.Root().Parse(args).InvokeAsync(ending);
