using DeployCard.Samples.Iris;

var builder = WebApplication.CreateSlimBuilder(args);
builder.ListenOnPodPort();
builder.UseSingleLineLogs();
builder.UseSnakeCaseJson();
builder.Services.AddSingleton(ModelNames.For(builder.Configuration["DEPLOYMENT"]));
builder.Services.AddSingleton(IrisModel.Train(Flowers.Read(Path.Combine(AppContext.BaseDirectory, "iris.csv"))));

var app = builder.Build();
app.UseMiddleware<JsonErrorMiddleware>();
app.MapGet("/healthz", () => "ok");
app.MapV1();
app.MapV2();
app.LogModel();
app.Run();
