namespace DeployCard.Silo.Hosting;

/// <summary>
/// Checks whether the silo on this machine is ready. Some platforms check health by running a command, and the image contains no other
/// program that could send the request.
/// </summary>
internal static class HealthCheckCommand
{
    public const string Switch = "--check-health";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Requests <c>/health/ready</c>. Returns the exit code: 0 if the silo is ready, otherwise 1.</summary>
    /// <param name="args">Command line of the silo; its settings give the address.</param>
    public static async Task<int> Run(string[] args)
    {
        await using var app = SiloBuilder.Create(args).Build();
        var address = BindingAddress.Parse(SiloBuilder.GetUrls(app.Configuration)[0]);
        using var http = new HttpClient { Timeout = Timeout };
        try
        {
            var host = ReplaceWildcard(address.Host);
            using var response = await http.GetAsync(new Uri($"{address.Scheme}://{host}:{address.Port}/health/ready"));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return 1;
        }
    }

    /// <summary>Replaces a wildcard address, which cannot be connected to, by <c>localhost</c>.</summary>
    private static string ReplaceWildcard(string host) => host is "0.0.0.0" or "[::]" or "*" or "+" ? "localhost" : host;
}
