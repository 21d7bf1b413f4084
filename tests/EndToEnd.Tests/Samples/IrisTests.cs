using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Samples;

/// <summary>Pod shared by all tests that do not stop it.</summary>
public sealed class IrisPod : IAsyncLifetime
{
    internal SamplePod Pod { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Pod = await SamplePod.Start("iris", "flowers", TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Pod.DisposeAsync();
}

public sealed class IrisTests(IrisPod shared) : IClassFixture<IrisPod>
{
    private const string TwoFlowers = """{"instances": [[6.8, 2.8, 4.8, 1.4], [6.0, 3.4, 4.5, 1.6]]}""";

    private readonly SamplePod pod = shared.Pod;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("iris")]
    [InlineData("flowers")]
    public async Task V1_predicts_under_the_name_of_the_model_and_of_the_deployment(string name)
    {
        var (status, body) = await pod.Post($"/v1/models/{name}:predict", TwoFlowers, Cancellation);

        status.ShouldBe(HttpStatusCode.OK);
        body.ShouldBe("""{"predictions":[1,1]}""");
    }

    [Fact]
    public async Task V1_lists_and_describes_its_models()
    {
        (await pod.Get("/v1/models", Cancellation)).Body.ShouldBe("""{"models":["flowers","iris"]}""");
        (await pod.Get("/v1/models/flowers", Cancellation)).Body.ShouldBe("""{"name":"flowers","ready":true}""");
    }

    [Theory]
    [InlineData("FP32", "[6.8, 2.8, 4.8, 1.4, 5.1, 3.5, 1.4, 0.2]")]
    [InlineData("FP64", "[[6.8, 2.8, 4.8, 1.4], [5.1, 3.5, 1.4, 0.2]]")]
    public async Task V2_infers_classes_and_probabilities(string datatype, string data)
    {
        var request = $$"""{"id": "7", "inputs": [{"name": "measures", "datatype": "{{datatype}}", "shape": [2, 4], "data": {{data}}}]}""";
        var (status, body) = await pod.Post("/v2/models/iris/infer", request, Cancellation);

        status.ShouldBe(HttpStatusCode.OK);
        var response = JsonNode.Parse(body)!;
        response["model_name"]!.GetValue<string>().ShouldBe("iris");
        response["id"]!.GetValue<string>().ShouldBe("7");
        response["outputs"]![0]!.ToJsonString().ShouldBe("""{"name":"predictions","datatype":"INT64","shape":[2],"data":[1,0]}""");

        var probabilities = response["outputs"]![1]!;
        probabilities["shape"]!.ToJsonString().ShouldBe("[2,3]");
        foreach (var row in probabilities["data"]!.Deserialize<float[]>()!.Chunk(3))
            row.Sum().ShouldBe(1, tolerance: 1e-4);
    }

    [Fact]
    public async Task V2_returns_only_the_requested_outputs()
    {
        const string Request =
            """{"inputs": [{"datatype": "FP32", "shape": [1, 4], "data": [5.1, 3.5, 1.4, 0.2]}], "outputs": [{"name": "predictions"}]}""";

        (await pod.Post("/v2/models/iris/infer", Request, Cancellation)).Body.ShouldBe(
            """{"model_name":"iris","outputs":[{"name":"predictions","datatype":"INT64","shape":[1],"data":[0]}]}"""
        );
    }

    [Theory]
    [InlineData("/v2", """{"name":"iris","version":"1.0","extensions":[]}""")]
    [InlineData("/v2/health/live", """{"live":true}""")]
    [InlineData("/v2/health/ready", """{"ready":true}""")]
    [InlineData("/v2/models/flowers/ready", """{"name":"flowers","ready":true}""")]
    public async Task V2_reports_its_health(string path, string expected) =>
        (await pod.Get(path, Cancellation)).ShouldBe((HttpStatusCode.OK, expected));

    [Fact]
    public async Task V2_describes_the_inputs_and_outputs_of_the_model()
    {
        var model = JsonNode.Parse((await pod.Get("/v2/models/flowers", Cancellation)).Body)!;

        model["inputs"]!.ToJsonString().ShouldBe("""[{"name":"measures","datatype":"FP32","shape":[-1,4]}]""");
        model["outputs"]!.AsArray().Select(output => output!["name"]!.GetValue<string>()).ShouldBe(["predictions", "probabilities"]);
    }

    [Theory]
    [InlineData("""{"instances": [[1, 2, 3, 140]]}""", "instances[0][3] must be a number of centimeters from 0 to 100, but was 140.")]
    [InlineData("""{"instances": [[1, 2, 3, 1e99]]}""", "instances[0][3] must be a number of centimeters from 0 to 100, but was 1e99.")]
    [InlineData("""{"instances": [[1, 2, 3, null]]}""", "instances[0][3] must be a number of centimeters from 0 to 100, but was null.")]
    [InlineData("""{"instances": []}""", "instances must hold from 1 to 4096 flowers, but held 0.")]
    [InlineData("""{}""", "instances is missing; it must be an array of flowers, each an array of 4 numbers.")]
    public async Task V1_error_names_the_field_the_allowed_and_the_given_value(string request, string expected)
    {
        var (status, body) = await pod.Post("/v1/models/iris:predict", request, Cancellation);

        status.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(body)!["error"]!.GetValue<string>().ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"inputs": [{"datatype": "INT8"}]}""", "inputs[0].datatype must be FP32 or FP64, but was \"INT8\".")]
    [InlineData("""{"inputs": [{"datatype": "FP32", "shape": [2, 5], "data": []}]}""", "inputs[0].shape must be [n, 4], but was [2, 5].")]
    [InlineData(
        """{"inputs": [{"datatype": "FP32", "shape": [2, 4], "data": [1, 2, 3, 4]}]}""",
        "inputs[0].data must hold 8 numbers according to its shape, but held 4."
    )]
    public async Task V2_error_names_the_field_the_allowed_and_the_given_value(string request, string expected)
    {
        var (status, body) = await pod.Post("/v2/models/iris/infer", request, Cancellation);

        status.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(body)!["error"]!.GetValue<string>().ShouldBe(expected);
    }

    [Theory]
    [InlineData("/v1/models/tulip")]
    [InlineData("/v2/models/tulip")]
    [InlineData("/elsewhere")]
    public async Task Unknown_models_and_paths_get_404_with_a_JSON_error(string path)
    {
        var (status, body) = await pod.Get(path, Cancellation);

        status.ShouldBe(HttpStatusCode.NotFound);
        JsonNode.Parse(body)!["error"]!.GetValue<string>().ShouldContain(path.Split('/')[^1]);
    }

    [Fact]
    public async Task Bodies_that_are_not_JSON_or_too_large_are_rejected()
    {
        (await pod.Post("/v1/models/iris:predict", "{", Cancellation)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await pod.Post("/v1/models/iris:predict", new string(' ', 2_000_000), Cancellation, expectContinue: true)).Status.ShouldBe(
            HttpStatusCode.RequestEntityTooLarge
        );
    }

    [Fact]
    public async Task Concurrent_requests_get_the_same_response()
    {
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(_ => pod.Post("/v1/models/iris:predict", TwoFlowers, Cancellation))
        );

        responses.ShouldAllBe(response => response.Body == """{"predictions":[1,1]}""");
    }

    [Fact]
    public async Task Every_example_of_the_image_gets_its_expected_status()
    {
        var image = ImageDescription.ReadFrom(ImageFolder.GetPath("iris"));
        File.Exists(Path.Combine(ImageFolder.GetPath("iris"), image.Readme!)).ShouldBeTrue();

        foreach (var example in image.Examples)
        {
            var expected = example.Name.Contains("Error") ? HttpStatusCode.BadRequest : HttpStatusCode.OK;
            (await pod.Send(example, Cancellation)).Status.ShouldBe(expected, example.Name);
        }
    }

    [Fact]
    public async Task Pod_exits_with_0_on_SIGTERM()
    {
        await using var own = await SamplePod.Start("iris", "flowers", Cancellation);
        await own.Post("/v1/models/iris:predict", TwoFlowers, Cancellation);

        (await own.Stop(Cancellation)).ShouldBe(0, own.Log);
        own.Log.ShouldContain("predicted 2 flowers");
    }
}
