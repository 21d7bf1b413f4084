using DeployCard.Bench.Gateway;

return await CommandLine.Root().Parse(args).InvokeAsync();
