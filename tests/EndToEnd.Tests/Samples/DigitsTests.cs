using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Samples;

/// <summary>Pod shared by all tests that do not stop it; null if this machine cannot run the image.</summary>
public sealed class DigitsPod : IAsyncLifetime
{
    /// <summary>The system's Python: another Python that comes first on the PATH may lack the package.</summary>
    private const string Python = "/usr/bin/python3";

    internal SamplePod? Pod { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (await CheckPasses())
            Pod = await Start();
    }

    public ValueTask DisposeAsync() => Pod?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal void SkipIfUnavailable() =>
        Assert.SkipWhen(Pod is null, $"{Python} has no scikit-learn; install python3-sklearn to run this test.");

    internal static Task<SamplePod> Start() => SamplePod.Start("digits", "scans", Cancellation, Python);

    private static async Task<bool> CheckPasses()
    {
        if (!File.Exists(Python))
            return false;

        var start = new ProcessStartInfo(Python, DigitsTests.Image.Check![1..]) { RedirectStandardError = true, UseShellExecute = false };
        using var check = Process.Start(start)!;
        await check.StandardError.ReadToEndAsync(Cancellation);
        await check.WaitForExitAsync(Cancellation);
        return check.ExitCode == 0;
    }
}

public sealed class DigitsTests : IClassFixture<DigitsPod>
{
    private readonly DigitsPod shared;

    public DigitsTests(DigitsPod shared)
    {
        shared.SkipIfUnavailable();
        this.shared = shared;
    }

    internal static ImageDescription Image => ImageDescription.ReadFrom(ImageFolder.GetPath("digits"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SamplePod Pod => shared.Pod!;

    [Fact]
    public async Task Digits_of_the_examples_are_recognized()
    {
        (await Pod.Send(Image.Examples[0], Cancellation)).ShouldBe((HttpStatusCode.OK, """{"predictions":[3]}"""));
        (await Pod.Send(Image.Examples[1], Cancellation)).ShouldBe((HttpStatusCode.OK, """{"predictions":[3,8]}"""));
    }

    [Fact]
    public async Task Model_is_available_under_the_name_of_the_deployment()
    {
        (await Pod.Get("/v1/models", Cancellation)).Body.ShouldBe("""{"models":["scans","digits"]}""");
        (await Pod.Post("/v1/models/scans:predict", Image.Examples[0].Body, Cancellation)).Body.ShouldBe("""{"predictions":[3]}""");
    }

    [Theory]
    [InlineData(
        """{"instances": [[0, 5, 13]]}""",
        "instances[0] must be an array of 64 numbers (8 rows of 8 pixels), but was an array of 3."
    )]
    [InlineData("""{"instances": []}""", "instances must be an array of 1 to 1024 images, but was an array of 0.")]
    [InlineData("""[]""", "The body must be a JSON object, but was an array of 0.")]
    [InlineData("""{"images": []}""", "instances is missing; it must be an array of images, each an array of 64 numbers.")]
    public async Task Invalid_request_is_rejected_with_the_field_the_allowed_and_the_given_value(string request, string expected)
    {
        var (status, body) = await Pod.Post("/v1/models/digits:predict", request, Cancellation);

        status.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(body)!["error"]!.GetValue<string>().ShouldBe(expected);
    }

    [Theory]
    [InlineData("17")]
    [InlineData("-1")]
    [InlineData("NaN")]
    [InlineData("true")]
    public async Task Pixel_out_of_range_is_named_in_the_error(string pixel)
    {
        var request = $$"""{"instances": [[{{pixel}}{{string.Concat(Enumerable.Repeat(", 0", 63))}}]]}""";
        var (status, body) = await Pod.Post("/v1/models/digits:predict", request, Cancellation);

        status.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(body)!["error"]!.GetValue<string>().ShouldBe($"instances[0][0] must be a number from 0 to 16, but was {pixel}.");
    }

    [Fact]
    public async Task Unknown_model_gets_404_and_large_body_413()
    {
        (await Pod.Post("/v1/models/letters:predict", "{}", Cancellation)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Pod.Get("/elsewhere", Cancellation)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Pod.Post("/v1/models/digits:predict", new string(' ', 1024 * 1024 + 1), Cancellation)).Status.ShouldBe(
            HttpStatusCode.RequestEntityTooLarge
        );
    }

    [Fact]
    public async Task Pod_exits_with_0_on_SIGTERM()
    {
        await using var own = await DigitsPod.Start();
        await own.Send(Image.Examples[0], Cancellation);

        (await own.Stop(Cancellation)).ShouldBe(0, own.Log);
        own.Log.ShouldContain("Predicted 1 images");
    }
}
