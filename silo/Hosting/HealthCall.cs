namespace DeployCard.Silo.Hosting;

/// <summary>
/// Asks the silo that runs here whether it is ready, for platforms that ask by a command: the image has no other program to do it.
/// </summary>
internal static class HealthCall
{
    public const string Switch = "--check-health";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Returns the exit code: 0 when it is ready, 1 when it is not.</summary>
    public static async Task<int> Make(string[] args)
    {
        await using var nothing = SiloBuilder.Create(args).Build();
        var address = BindingAddress.Parse(SiloBuilder.Urls(nothing.Configuration)[0]);
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(new Uri($"{address.Scheme}://{Here(address.Host)}:{address.Port}/health/ready"));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return 1;
        }
    }

    /// <summary>An address that stands for all of this machine is none to call.</summary>
    private static string Here(string host) => host is "0.0.0.0" or "[::]" or "*" or "+" ? "localhost" : host;
}
