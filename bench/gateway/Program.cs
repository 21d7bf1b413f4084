using System.CommandLine;
using DeployCard.Bench.Gateway;

// After Ctrl+C, stopping the pods and servers can take longer than the default termination timeout.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await CommandLine.CreateRootCommand().Parse(args).InvokeAsync(configuration);
