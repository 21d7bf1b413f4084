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
    public void A_completed_call_is_told_as_its_end_point_tells_it_with_its_result()
    {
        var payload = Payload(Calls.Completed(Hook));

        ((string)payload["type"]!).ShouldBe("call.completed");
        ((DateTimeOffset)payload["timestamp"]!).ShouldBe(Calls.Begin.AddSeconds(1));
        var data = payload["data"]!.AsObject();
        ((string)data["resultUrl"]!).ShouldBe($"https://models.example/calls/{Calls.Id}/result.json");
        data["result"]!["body"]!.ToJsonString().ShouldBe("""{"predictions":[1]}""");
        ((int)data["result"]!["status"]!).ShouldBe(200);
        data.Remove("resultUrl");
        data.Remove("result");
        var told = JsonSerializer.SerializeToNode(CallAnswer.Of(Calls.Completed(Hook).Call with { Callback = null }), CallJson.Default.CallAnswer)!;
        data.ToJsonString().ShouldBe(told.ToJsonString());
        data.ContainsKey("callback").ShouldBeFalse();
    }

    [Fact]
    public void A_failed_call_is_told_with_its_error_and_no_result()
    {
        var payload = Payload(Calls.Failed(Hook));

        ((string)payload["type"]!).ShouldBe("call.failed");
        ((string)payload["data"]!["errorCode"]!).ShouldBe("HEALTH_TIMEOUT");
        payload["data"]!.AsObject().ContainsKey("resultUrl").ShouldBeFalse();
        payload["data"]!.AsObject().ContainsKey("result").ShouldBeFalse();
    }

    [Theory]
    [InlineData(16 * 1024, true)]
    [InlineData((16 * 1024) + 1, false)]
    public void A_larger_answer_is_fetched_by_the_receiver(int length, bool goesAlong)
    {
        var data = Payload(Calls.Completed(Hook, body: new(length, new byte[length])))["data"]!.AsObject();

        data.ContainsKey("result").ShouldBe(goesAlong);
        data.ContainsKey("resultUrl").ShouldBeTrue();
    }

    [Fact]
    public void An_answer_that_lies_beside_the_state_is_fetched_by_the_receiver() =>
        Payload(Calls.Completed(Hook, body: new(100_000, null)))["data"]!.AsObject().ContainsKey("result").ShouldBeFalse();

    [Fact]
    public void An_answer_without_a_body_goes_along() => Payload(Calls.Completed(Hook, json: null))["data"]!["result"].ShouldNotBeNull();

    [Fact]
    public void The_deepest_answer_that_stands_in_a_document_goes_along()
    {
        var deep = new string('[', 63) + new string(']', 63);

        var bytes = CallbackPayload.Of(Calls.Completed(Hook, deep), new("https://models.example"));

        System.Text.Encoding.UTF8.GetString(bytes).ShouldContain(deep);
    }

    [Fact]
    public void It_is_the_same_at_every_delivery()
    {
        var first = Calls.Completed(Hook);
        var later = first with { Call = first.Call with { Callback = first.Call.Callback! with { NextAt = Calls.Begin.AddHours(1), Deliveries = [new(1, Calls.Begin, default, 500, "x", null, false)] } } };

        CallbackPayload.Of(later, new("https://models.example")).ShouldBe(CallbackPayload.Of(first, new("https://models.example")));
    }

    private static JsonNode Payload(CallbackMessage message) => JsonNode.Parse(CallbackPayload.Of(message, new("https://models.example")))!;
}
