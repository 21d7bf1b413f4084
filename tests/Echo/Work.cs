namespace DeployCard.Tests.Echo;

/// <summary>Work of which each beginning is noted in a folder outside of the pod: what a pod had that was killed is known, too.</summary>
internal static class Work
{
    /// <summary>The environment variable that names the folder. It gets one folder for each token, with one file for each request.</summary>
    private const string Record = "WORK_RECORD";

    public static void MapWork(this WebApplication app) => app.MapPost("/work", Do);

    /// <summary>Answers the token after <paramref name="ms"/> milliseconds; the first <paramref name="fail"/> requests with it get 503.</summary>
    private static async Task<IResult> Do(string token, int ms, int fail, CancellationToken cancellationToken)
    {
        var seen = Directory.CreateDirectory(Path.Combine(Environment.GetEnvironmentVariable(Record)!, token));
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
