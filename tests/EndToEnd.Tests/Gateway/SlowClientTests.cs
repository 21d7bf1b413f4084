using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Clients that are too slow, with limits short enough for a test.</summary>
public sealed class SlowClientTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Incomplete_headers_time_out()
    {
        await using var silo = await SiloProcess.Start(Cancellation, "--Gateway:HeaderTimeout=00:00:01");
        await using var connection = await RawConnection.Open(silo.Port, Cancellation);

        await connection.Write("GET /predict/any/x HTTP/1.1\r\nHost: localhost\r\nX-Half: ");

        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 408 ");
    }

    [Fact]
    public async Task Setting_out_of_range_is_reported_in_one_line()
    {
        var silo = shared.Card.Silo;

        var (exitCode, errors) = await silo.RunToExit(
            Cancellation,
            "--urls",
            "http://localhost:0",
            "--Storage:Path",
            Path.Combine(silo.Folder, "slow", "x.db"),
            "--Gateway:MaxHeaderCount=1",
            "--Gateway:Http2Url=nowhere",
            "--Autoscaling:StableWindow=00:00:00"
        );

        exitCode.ShouldBe(1);
        errors.Trim().Split('\n').Length.ShouldBe(1, errors);
        errors.ShouldContain("Gateway:MaxHeaderCount must be 10 to 10000; got 1.");
        errors.ShouldContain("Http2Url");
        errors.ShouldContain("StableWindow");
    }
}
