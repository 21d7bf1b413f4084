namespace DeployCard.Tests.Echo;

/// <summary>
/// An endpoint that records the start of each request in a folder outside the pod. A test can thus see the requests of a killed pod.
/// </summary>
internal static class Work
{
    /// <summary>
    /// Environment variable with the path of the folder. The folder contains one folder per token, with one file per request.
    /// </summary>
    private const string RecordFolder = "WORK_RECORD";

    public static void MapWork(this WebApplication app) => app.MapPost("/work", DoWork);

    /// <summary>
    /// Responds with the token after <paramref name="ms"/> milliseconds. The first <paramref name="fail"/> requests with a token get
    /// status 503.
    /// </summary>
    private static async Task<IResult> DoWork(string token, int ms, int fail, CancellationToken cancellationToken)
    {
        var seen = Directory.CreateDirectory(Path.Combine(Environment.GetEnvironmentVariable(RecordFolder)!, token));
        await File.WriteAllTextAsync(
            Path.Combine(seen.FullName, $"{Guid.NewGuid():N}"),
            Environment.GetEnvironmentVariable("HOSTNAME"),
            CancellationToken.None
        );
        if (seen.EnumerateFiles().Count() <= fail)
            return Results.Text("not yet", statusCode: StatusCodes.Status503ServiceUnavailable);
        await Task.Delay(TimeSpan.FromMilliseconds(ms), TimeProvider.System, cancellationToken);
        return Results.Text(token);
    }
}
