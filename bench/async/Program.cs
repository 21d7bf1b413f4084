using System.CommandLine;
using DeployCard.Bench.Async;

// After Ctrl+C there are pods and servers to end.
var ending = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await CommandLine.Root().Parse(args).InvokeAsync(ending);
