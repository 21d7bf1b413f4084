using DeployCard.Samples.Iris;

var builder = WebApplication.CreateSlimBuilder(args);
builder.ListenWhereThePodIsExpected();
builder.LogOneLineForEachEvent();
builder.AnswerAsTheProtocolsSpell();
builder.Services.AddSingleton(ModelNames.Of(builder.Configuration["DEPLOYMENT"]));
builder.Services.AddSingleton(IrisModel.Train(Flowers.Read(Path.Combine(AppContext.BaseDirectory, "iris.csv"))));

var app = builder.Build();
app.UseMiddleware<ErrorsAsJson>();
app.MapGet("/healthz", () => "ok");
app.MapV1();
app.MapV2();
app.AnnounceModel();
app.Run();
