using System.Text.Json;
using System.Text.Json.Nodes;
using DeployCard.Grains.Callbacks;
using DeployCard.Silo.Callbacks;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Callbacks;

public sealed class CallbackPayloadTests
{
    private static readonly Uri Hook = new("https://hooks.example/");

    [Fact]
    public async Task A_completed_call_is_told_as_its_end_point_tells_it_with_its_result()
    {
        var payload = await Payload(Calls.Completed(Hook));

        ((string)payload["type"]!).ShouldBe("call.completed");
        ((DateTimeOffset)payload["timestamp"]!).ShouldBe(Calls.Begin.AddSeconds(1));
        var data = payload["data"]!.AsObject();
        ((string)data["resultUrl"]!).ShouldBe($"https://models.example/calls/{Calls.Id}/result.json");
        data["result"]!["body"]!.ToJsonString().ShouldBe("""{"predictions":[1]}""");
        ((int)data["result"]!["status"]!).ShouldBe(200);
        data.Remove("resultUrl");
        data.Remove("result");
        var told = JsonSerializer.SerializeToNode(
            CallAnswer.Of(Calls.Completed(Hook).Call with { Callback = null }, null),
            CallJson.Default.CallAnswer
        )!;
        data.ToJsonString().ShouldBe(told.ToJsonString());
        data.ContainsKey("callback").ShouldBeFalse();
    }

    [Fact]
    public async Task A_failed_call_is_told_with_its_error_and_no_result()
    {
        var payload = await Payload(Calls.Failed(Hook));

        ((string)payload["type"]!).ShouldBe("call.failed");
        ((string)payload["data"]!["errorCode"]!).ShouldBe("HEALTH_TIMEOUT");
        payload["data"]!.AsObject().ContainsKey("resultUrl").ShouldBeFalse();
        payload["data"]!.AsObject().ContainsKey("result").ShouldBeFalse();
    }

    [Theory]
    [InlineData(16 * 1024, true)]
    [InlineData((16 * 1024) + 1, false)]
    public async Task A_larger_answer_is_fetched_by_the_receiver(int length, bool goesAlong)
    {
        var data = (await Payload(Calls.Completed(Hook, body: new(length, new byte[length]))))["data"]!.AsObject();

        data.ContainsKey("result").ShouldBe(goesAlong);
        data.ContainsKey("resultUrl").ShouldBeTrue();
    }

    [Fact]
    public async Task An_answer_that_lies_beside_the_state_is_fetched_by_the_receiver() =>
        (await Payload(Calls.Completed(Hook, body: new(100_000, null))))["data"]!.AsObject().ContainsKey("result").ShouldBeFalse();

    [Fact]
    public async Task An_answer_without_a_body_goes_along() =>
        (await Payload(Calls.Completed(Hook, json: null)))["data"]!["result"].ShouldNotBeNull();

    [Fact]
    public async Task The_deepest_answer_that_stands_in_a_document_goes_along()
    {
        var deep = new string('[', 63) + new string(']', 63);

        var bytes = await Bytes(Calls.Completed(Hook, deep));

        System.Text.Encoding.UTF8.GetString(bytes).ShouldContain(deep);
    }

    [Fact]
    public async Task It_is_the_same_at_every_delivery()
    {
        var first = Calls.Completed(Hook);
        var later = first with
        {
            Call = first.Call with
            {
                Callback = first.Call.Callback! with
                {
                    NextDeliveryAt = Calls.Begin.AddHours(1),
                    Deliveries = [new(1, Calls.Begin, default, 500, "x", null, false)],
                },
            },
        };

        (await Bytes(later)).ShouldBe(await Bytes(first));
    }

    private static async Task<JsonNode> Payload(CallbackMessage message) => JsonNode.Parse(await Bytes(message))!;

    private static Task<byte[]> Bytes(CallbackMessage message) =>
        CallbackPayload.Of(message, new("https://models.example"), TestContext.Current.CancellationToken);
}
